/** Sends a chart as a photo, with its buttons, or puts a new one into an older photo. */
import { GrammyError, InputFile } from "grammy";
import type { Chart } from "../reply/chart/chart.ts";
import { renderPng } from "../reply/chart/render.ts";
import type { Reply } from "../reply/command.ts";
import { bold, escape } from "../reply/html.ts";
import type { Zone } from "../reply/zone.ts";
import {
  formatted,
  inPlace,
  type Place,
  saysThat,
  type Sending,
  UNCHANGED,
  withKeyboard,
} from "./send.ts";
import type { Turns } from "./turns.ts";

/** Telegram's bound on captions; no chart says more, but a footer of many venues might. */
const CAPTION_LIMIT = 1024;

export interface Picture {
  readonly chart: Chart;
  readonly buttons: Reply["buttons"];
  readonly zone: Zone;
  /** A last line for the caption, `updated 14:05:33`; `null` for none. */
  readonly stamp: string | null;
  /** Only a few pictures are drawn at a time. */
  readonly turns: Turns;
}

/** Sends the picture and returns the id of its message. */
export async function sendPicture(
  { api }: Sending,
  place: Place,
  picture: Picture,
): Promise<number[]> {
  const file = await draw(picture);
  const options = { ...inPlace(place), ...withKeyboard(buttonsOf(picture)) };
  const sent = await formatted(
    captionOf(picture),
    (caption, mode) => api.sendPhoto(place.chatId, file, { ...options, caption, ...mode }),
  );
  return [sent.message_id];
}

/** Replaces the photo of a message of ours; sends it anew where that cannot be done. */
export async function editPicture(
  sending: Sending,
  place: Place,
  picture: Picture,
): Promise<number[]> {
  const { chatId, messageId } = place;
  const anew = () => sendPicture(sending, { ...place, messageId: null }, picture);
  if (messageId === null) return await anew();
  const media = await draw(picture);
  try {
    await formatted(captionOf(picture), (caption, mode) =>
      sending.api.editMessageMedia(
        chatId,
        messageId,
        { type: "photo", media, caption, ...mode },
        withKeyboard(buttonsOf(picture)),
      ));
  } catch (error) {
    if (saysThat(error, ...UNCHANGED)) return [messageId];
    // Gone, too old, or a server that cannot do it (404): whatever it is, a new photo helps.
    if (!(error instanceof GrammyError) || ![400, 404].includes(error.error_code)) throw error;
    return await anew();
  }
  return [messageId];
}

async function draw({ chart, zone, turns }: Picture): Promise<InputFile> {
  return new InputFile(await turns.run(() => renderPng(chart, { zone })), "chart.png");
}

function captionOf({ chart, stamp }: Picture): string {
  const lines = [bold(chart.title), escape(chart.footer), ...(stamp === null ? [] : [stamp])];
  const caption = lines.join("\n");
  return caption.length <= CAPTION_LIMIT ? caption : bold(chart.title);
}

function buttonsOf({ buttons }: Picture): Pick<Reply, "buttons"> {
  return buttons === undefined ? {} : { buttons };
}
