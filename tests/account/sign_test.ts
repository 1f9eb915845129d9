/** The signing vectors of the exchanges page, §17. */
import { deepEqual, equal } from "../assert.ts";
import { Buffer } from "node:buffer";
import { binanceSign, bybitSign, hex, signerOf } from "../../lib/account/sign.ts";
import { pathOf } from "../../lib/market/path.ts";

/** Binance's published pair. */
const SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

const HEX: readonly (readonly [name: string, secret: string, text: string, wanted: string])[] = [
  [
    "Binance, the documented order",
    SECRET,
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1" +
    "&recvWindow=5000&timestamp=1499827319559",
    "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
  ],
  [
    "Binance, a symbol that must be percent-encoded first",
    SECRET,
    "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT" +
    "&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
    "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
  ],
  [
    "Bybit REST",
    "SECRET",
    "1658384314791KEY5000category=linear&settleCoin=USDT",
    "ee1d5b56b3c89ba57099907b823041bb0383de7eb9f9a4261b4a445e1e3f100a",
  ],
  [
    "Bybit WebSocket",
    "SECRET",
    "GET/realtime1662350400000",
    "6e7fcee084662c489eaa75b69136dccdf51fd177d87d587d720f623cb74b0258",
  ],
  [
    "Delta India, with /v2 in the path",
    "7b6f39dcf660ec1c7c664f612c60410a2bd0c258416b498bf0311f94228f",
    "GET1542110948/v2/orders?product_id=1&state=open",
    "4e38dda3e6477092f360ba70399266d8145630b22bcc34c0ec7f804d5746877a",
  ],
];

const BASE64: readonly (readonly [name: string, text: string, wanted: string])[] = [
  [
    "OKX REST",
    "2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC",
    "0azuf2P3QM2qo2oMwIFsbuxHutBKLHoi8P51EqM6Pb4=",
  ],
  [
    "OKX WebSocket",
    "1538054050GET/users/self/verify",
    "gD6ujK2XAWUnyDDnLsGM0iw03T3xzw5qGtVGwp84zpw=",
  ],
];

for (const [name, secret, text, wanted] of HEX) {
  Deno.test(`the printed signature comes out: ${name}`, async () => {
    equal(hex(await signerOf(secret).sign(text)), wanted);
  });
}

for (const [name, text, wanted] of BASE64) {
  Deno.test(`the printed signature comes out: ${name}`, async () => {
    equal(Buffer.from(await signerOf("SECRET").sign(text)).toString("base64"), wanted);
  });
}

Deno.test("a Binance path is sent exactly as it is signed, the signature last", async () => {
  const sign = binanceSign({ key: "KEY", secret: SECRET });
  const path = pathOf("/api/v3/order", {
    ...{ symbol: "LTCBTC", side: "BUY", type: "LIMIT", timeInForce: "GTC" },
    ...{ quantity: 1, price: "0.1" },
  });
  const sent = await sign(path, 1499827319559.7);
  equal(
    sent.path,
    `/api/v3/order?${HEX[0]?.[2]}&signature=${HEX[0]?.[3]}`,
  );
  deepEqual(sent.headers, { "X-MBX-APIKEY": "KEY" });
});

Deno.test("symbols outside ASCII are percent-encoded before they are signed", async () => {
  const sign = binanceSign({ key: "KEY", secret: SECRET });
  const path = pathOf("/api/v3/order", {
    ...{ symbol: "１２３４５６", side: "BUY", type: "LIMIT", timeInForce: "GTC" },
    ...{ quantity: 1, price: "0.1" },
  });
  const sent = await sign(path, 1499827319559);
  equal(new URLSearchParams(sent.path.split("?")[1]).get("signature"), HEX[1]?.[3]);
});

Deno.test("a path without a query is signed over the stamp alone", async () => {
  const { path } = await binanceSign({ key: "KEY", secret: "S" })("/fapi/v3/balance", 1);
  equal(
    /^\/fapi\/v3\/balance\?recvWindow=5000&timestamp=1&signature=[0-9a-f]{64}$/.test(path),
    true,
  );
});

Deno.test("Bybit's signature goes in headers and the path stays", async () => {
  const sign = bybitSign({ key: "KEY", secret: "SECRET" });
  const path = pathOf("/v5/position/list", {
    category: "linear",
    settleCoin: "USDT",
    cursor: null,
  });
  deepEqual(await sign(path, 1658384314791), {
    path: "/v5/position/list?category=linear&settleCoin=USDT",
    headers: {
      "X-BAPI-API-KEY": "KEY",
      "X-BAPI-TIMESTAMP": "1658384314791",
      "X-BAPI-RECV-WINDOW": "5000",
      "X-BAPI-SIGN": HEX[2]?.[3],
    },
  });
});
