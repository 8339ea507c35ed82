/** Knows where it stands among the others that are under way; -1 when it is not. */
export interface Placed {
  place: number;
}

/**
 * What is under way: requests, answers, streams. Members come and go thousands of times a second, for which a Map or a Set is
 * the wrong thing: it makes a new table every so many entries, and the old table, once it has grown old itself, keeps all
 * that was in it (whole requests, which had ended long ago) until the next full garbage collection. V8 then spends more on
 * copying the dead than on all else it collects. This keeps one array, and order is not promised.
 */
export class UnderWay<Member extends Placed> implements Iterable<Member> {
  private readonly members: Member[] = [];

  get size(): number {
    return this.members.length;
  }

  add(member: Member): void {
    member.place = this.members.length;
    this.members.push(member);
  }

  /** Whoever is not among them is passed over. */
  delete(member: Member): void {
    const { place } = member;
    if (this.members[place] !== member) return;
    member.place = -1;
    const last = this.members.pop();
    if (!last || last === member) return;
    last.place = place;
    this.members[place] = last;
  }

  /** Those that are under way now; they may come and go meanwhile. */
  [Symbol.iterator](): Iterator<Member> {
    return this.members.slice().values();
  }
}
