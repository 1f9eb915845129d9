/** A fault of the user's settings or surroundings: said in plain words, exit code 2. */
export class Refusal extends Error {}
