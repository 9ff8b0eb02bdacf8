/** A numbered frame of the stream. */
export interface NumberedFrame {
  number: number;
  text: string;
}

/** Frames that wait for one reader. Bounded: the oldest goes when a new one finds no room, and is counted. */
export class ClientQueue {
  /** Frames that the reader will never get. */
  dropped = 0;
  private frames: NumberedFrame[] = [];
  private characters = 0;
  private readonly mostFrames: number;
  private readonly mostCharacters: number;

  constructor(mostFrames: number, mostCharacters: number) {
    this.mostFrames = mostFrames;
    this.mostCharacters = mostCharacters;
  }

  get length(): number {
    return this.frames.length;
  }

  /** The newest frame always has room, however large it is. */
  push(frame: NumberedFrame): void {
    this.frames.push(frame);
    this.characters += frame.text.length;
    while (
      this.frames.length > 1 &&
      (this.frames.length > this.mostFrames || this.characters > this.mostCharacters)
    ) {
      this.characters -= this.frames.shift()!.text.length;
      this.dropped++;
    }
  }

  shift(): NumberedFrame | undefined {
    const frame = this.frames.shift();
    if (frame) this.characters -= frame.text.length;
    return frame;
  }
}
