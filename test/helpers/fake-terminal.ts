const ESC = '\u001B';
const TOKEN = new RegExp(`${ESC}\\[(\\??[0-9;]*)([A-Za-z])|[^${ESC}\\n\\r]+|[\\n\\r]`, 'g');

/** As much of a terminal as is drawn with: cursor up, on and off, erase, line ends, breaking anew when made narrower. */
export class FakeTerminal {
  columns: number;
  rows: number;
  isTTY = true;
  readonly writes: string[] = [];
  cursorVisible = true;
  private screen: string[] = [''];
  private row = 0;
  private column = 0;

  constructor(columns = 80, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  hasColors = (): boolean => true;

  write = (text: string): boolean => {
    this.writes.push(text);
    for (const [token, argument, command] of text.matchAll(TOKEN)) {
      if (command !== undefined) this.obey(command, argument!);
      else this.put(token);
    }
    return true;
  };

  /** What a person sees, without blank lines at the end. */
  lines(): string[] {
    const seen = this.screen.map((line) => line.trimEnd());
    return seen.slice(0, seen.findLastIndex((line) => line !== '') + 1);
  }

  resize(columns: number): void {
    const broken = this.screen.map((line) => {
      const parts = Math.max(1, Math.ceil(line.length / columns));
      return Array.from({ length: parts }, (_, part) => line.slice(part * columns, (part + 1) * columns));
    });
    this.row = broken.slice(0, this.row).flat().length;
    this.screen = broken.flat();
    this.columns = columns;
  }

  private put(token: string): void {
    if (token === '\r') {
      this.column = 0;
    } else if (token === '\n') {
      this.column = 0;
      this.row++;
      this.screen[this.row] ??= '';
    } else {
      const line = this.screen[this.row]!.padEnd(this.column);
      this.screen[this.row] = line.slice(0, this.column) + token + line.slice(this.column + token.length);
      this.column += token.length;
      if (this.column >= this.columns) throw new Error(`a line of ${this.column} columns would be broken`);
    }
  }

  private obey(command: string, argument: string): void {
    if (command === 'A') {
      this.row -= Number(argument);
      if (this.row < 0) throw new Error('the cursor left the screen');
    } else if (command === 'K') {
      this.screen[this.row] = this.screen[this.row]!.slice(0, this.column);
    } else if (command === 'J') {
      this.screen = [...this.screen.slice(0, this.row), this.screen[this.row]!.slice(0, this.column)];
    } else if (argument === '?25') {
      this.cursorVisible = command === 'h';
    } else if (command !== 'm') {
      throw new Error(`not known here: ${JSON.stringify(argument + command)}`);
    }
  }
}
