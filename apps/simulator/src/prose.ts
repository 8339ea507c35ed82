import { createRandom, integerBetween, pick, type Random } from './random.js';
import { GREETINGS, OPENINGS, SENTENCES } from './phrases.js';
import { countTokens } from './tokens.js';

const GREETING = /^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening)|how are you)\b/i;
const LONGEST_GREETING = 60;
const SENTENCES_PER_PARAGRAPH = 4;
const TOPIC_WINDOW = 500;
const TOPIC_WORDS = 3;
const LONGEST_TOPIC_WORD = 24;

const WITHOUT_MEANING = new Set(
  (
    'a about an and any are as at be been but by can could do does for from give has have help how i if in into ' +
    'is it its let me my of on or our please should so some tell than that the their them then there these they ' +
    'this to us was we what when where which who why will with would write you your explain describe make show'
  ).split(' '),
);

/** The first few words of a message that say what it is about, or an empty string. */
export function topicOf(message: string): string {
  const words = message.slice(0, TOPIC_WINDOW).match(/[\p{L}\p{N}][\p{L}\p{N}'-]*/gu) ?? [];
  const telling = words.filter((word) => word.length > 1 && !WITHOUT_MEANING.has(word.toLowerCase()));
  return [...new Set(telling)]
    .slice(0, TOPIC_WORDS)
    .map((word) => [...word].slice(0, LONGEST_TOPIC_WORD).join(''))
    .join(' ');
}

function shuffledSentences(random: Random): string[] {
  const sentences = [...SENTENCES];
  for (let last = sentences.length - 1; last > 0; last--) {
    const other = integerBetween(random, 0, last);
    [sentences[last], sentences[other]] = [sentences[other] ?? '', sentences[last] ?? ''];
  }
  return sentences;
}

/** Sentences in an order of their own for every seed; after the last one comes the first of a new order. */
function* sentencesWithoutEnd(random: Random): Generator<string, never> {
  for (;;) yield* shuffledSentences(random);
}

function opening(message: string, random: Random): string {
  const topic = topicOf(message);
  return topic === '' ? 'This is a simulated answer.' : pick(random, OPENINGS).replace('{topic}', () => topic);
}

/**
 * An answer to a message in plain English, the same for the same seed.
 * @param atLeast number of tokens below which the answer goes on; without it the answer has its natural length,
 * which is one short sentence for a greeting (25 tokens at most) and three to eight sentences otherwise.
 */
export function writeProse(message: string, seed: number, atLeast?: number): string {
  const random = createRandom(seed);
  const greeted = message.length <= LONGEST_GREETING && GREETING.test(message);
  let text = greeted ? pick(random, GREETINGS) : opening(message, random);
  let sentences = 1;
  const natural = greeted ? 1 : integerBetween(random, 3, 8);
  let tokens = countTokens(text);
  for (const sentence of sentencesWithoutEnd(random)) {
    if (atLeast === undefined ? sentences >= natural : tokens >= atLeast) return text;
    const next = (sentences % SENTENCES_PER_PARAGRAPH === 0 ? '\n\n' : ' ') + sentence;
    text += next;
    tokens += countTokens(next);
    sentences++;
  }
  return text;
}
