/** For stores on files in tests: a reserve that costs next to nothing to lay. */
export const SMALL_DISK = {
  ...{ reserveBytes: 4_096, lowReserveBytes: 2_048, pieceBytes: 512 },
  ...{ stepBytes: 4_096, openBytes: 512, spareBytes: 512 },
};
