/** What is said where a question is not answered. */

export const NOT_HERE = "This group is not allowed yet: the owner writes /users allow here";
export const TOO_FAST = "Too many questions at once: wait a little";
export const TOO_MANY =
  "Too many questions were waiting here, and not all were taken: ask again what stays unanswered";

/** To a stranger; it tells the id that the owner would have to add. */
export function refusalOf(userId: number, allowedUsers: readonly number[]): string {
  const hint = allowedUsers.length === 0
    ? "Nobody is allowed yet: put your id into TELEGRAM_ALLOWED_USERS"
    : "This bot answers its owner only";
  return `${hint}. Your user id is ${userId}`;
}
