// @ts-check
// What is asked. Only fields that every gateway passes on: the peer drops those that OpenAI does not have.

const SMALL_TOKENS = 12;
const STREAM_TOKENS = 500;
const PACED_TOKENS = 100;

/** A short chat completion, not streamed: an answer of about 600 bytes. */
export const small = {
  tokens: SMALL_TOKENS,
  body: {
    model: 'simulator',
    messages: [{ role: 'user', content: 'Hello, how are you?' }],
    max_tokens: SMALL_TOKENS,
  },
};

/** A stream of 500 tokens, one an event: an object whose text is longer than that, cut there. */
export const longStream = {
  tokens: STREAM_TOKENS,
  body: {
    model: 'simulator',
    messages: [{ role: 'user', content: 'Write a long story.' }],
    stream: true,
    max_tokens: STREAM_TOKENS,
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'story',
        schema: { type: 'object', properties: { text: { type: 'string', minLength: 6000 } }, required: ['text'] },
      },
    },
  },
};

/**
 * A stream of 100 tokens in a second: fast for a model, so that each event comes alone. It asks for its pace in a field of
 * the simulator's own, which the peer does not pass on.
 */
export const pacedStream = {
  tokens: PACED_TOKENS,
  body: {
    model: 'simulator',
    messages: [{ role: 'user', content: 'Tell me about the mountains.' }],
    stream: true,
    max_tokens: PACED_TOKENS,
    simulator: { tokens: PACED_TOKENS, token_ms: 10 },
  },
};

/** A stream that goes on as long as the pace of the simulator lets it. */
export const openStream = {
  body: {
    model: 'simulator',
    messages: [{ role: 'user', content: 'Tell me about the sea.' }],
    stream: true,
    max_tokens: 50,
  },
};
