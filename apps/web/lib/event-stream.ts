/**
 * Reads a stream of server-sent events (WHATWG HTML, "Server-sent events"): the data of each, however the text is cut on its
 * way. Comments, which keep a connection alive, and fields other than `data` are left out.
 */
export class EventStream {
  private rest = '';
  private data: string[] = [];
  private afterCarriageReturn = false;
  private begun = false;

  /** @returns the data of the events that are complete now */
  push(text: string): string[] {
    const events: string[] = [];
    this.rest += this.withoutMark(text);
    for (;;) {
      const line = this.nextLine();
      if (line === undefined) return events;
      if (line !== '') this.read(line);
      else if (this.data.length > 0) events.push(this.data.splice(0).join('\n'));
    }
  }

  /** The next line that has ended, by LF, CR LF or CR alone. A CR at the end of the text ends its line; an LF after it is its own. */
  private nextLine(): string | undefined {
    if (this.afterCarriageReturn && this.rest !== '') {
      if (this.rest.startsWith('\n')) this.rest = this.rest.slice(1);
      this.afterCarriageReturn = false;
    }
    const end = this.rest.search(/[\r\n]/);
    if (end < 0) return undefined;
    const line = this.rest.slice(0, end);
    this.afterCarriageReturn = this.rest[end] === '\r';
    this.rest = this.rest.slice(end + 1);
    return line;
  }

  private read(line: string): void {
    if (line === 'data') this.data.push('');
    if (line.startsWith('data:')) this.data.push(line.slice(line[5] === ' ' ? 6 : 5));
  }

  /** A byte order mark may stand before the first character. */
  private withoutMark(text: string): string {
    if (this.begun || text === '') return text;
    this.begun = true;
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }
}
