/** Puts a reply where it was asked: as a photo with its buttons where it has a chart. */
import { GrammyError, InputFile } from "grammy";
import type { Chart } from "../reply/chart/chart.ts";
import { renderPng } from "../reply/chart/render.ts";
import type { Reply } from "../reply/command.ts";
import { bold, escape } from "../reply/html.ts";
import type { Zone } from "../reply/zone.ts";
import type { Received } from "./question.ts";
import {
  edit,
  formatted,
  inPlace,
  type Place,
  saysThat,
  send,
  type Sending,
  UNCHANGED,
  withKeyboard,
} from "./send.ts";
import type { Turns } from "./turns.ts";

/** Telegram's bound on captions; no chart says more, but a footer of many venues might. */
const CAPTION_LIMIT = 1024;

const NO_PICTURE = "The picture could not be sent; these are the numbers";

/** What delivering may be told beside the reply. */
export interface Delivery extends Pick<Picture, "zone" | "stamp" | "turns"> {
  /** The picture could not be sent. */
  readonly failed: (error: unknown) => void;
}

/** Answers a message, or puts the reply into the message whose button was pressed. */
export async function deliver(
  sending: Sending,
  { place, press }: Pick<Received, "place" | "press">,
  reply: Reply,
  { failed, ...manner }: Delivery,
): Promise<number[]> {
  const { stamp } = manner;
  const anew = press ? { ...place, messageId: null } : place;
  const { chart, buttons } = reply;
  if (chart) {
    const picture = { chart, buttons, ...manner };
    try {
      return press?.onPhoto
        ? await editPicture(sending, place, picture)
        : await sendPicture(sending, anew, { ...picture, stamp: null });
    } catch (error) {
      if (sending.signal.aborted) throw error;
      failed(error);
      const html = `${NO_PICTURE}\n\n${reply.html}`;
      return await send(sending, anew, { ...reply, html });
    }
  }
  // A picture cannot become a text.
  if (stamp === null || press?.onPhoto) return await send(sending, anew, reply);
  return await edit(sending, place, { ...reply, html: `${reply.html}\n${stamp}` });
}

interface Picture {
  readonly chart: Chart;
  readonly buttons: Reply["buttons"];
  readonly zone: Zone;
  /** A last line for the caption, `updated 14:05:33`; `null` for none. */
  readonly stamp: string | null;
  /** Only a few pictures are drawn at a time. */
  readonly turns: Turns;
}

/** Sends the picture and returns the id of its message. */
async function sendPicture(
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
async function editPicture(
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
