import { crc32, deflateSync } from "node:zlib";

/** A PNG of a sunset, so many pixels wide and high; `grain` makes it large, as photos are. */
export function png(width: number, height: number, grain = 0): Buffer {
  const stride = width * 3 + 1;
  const pixels = Buffer.alloc(stride * height);
  let dice = 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
      const noise = grain * (dice / 2_147_483_648 - 0.5);
      const at = y * stride + 1 + x * 3;
      const share = y / height;
      const sun = Math.hypot(x - width / 2, y - height * 0.6) < height * 0.18;
      pixels[at] = clamp((sun ? 255 : 90 + 150 * share) + noise);
      pixels[at + 1] = clamp((sun ? 214 : 70 + 60 * share) + noise);
      pixels[at + 2] = clamp((sun ? 120 : 160 - 100 * share) + noise);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(pixels)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
