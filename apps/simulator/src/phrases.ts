/** Answers to a greeting. Each has at most 25 tokens: two exchanges of them fit in the smallest default tier. */
export const GREETINGS: readonly [string, ...string[]] = [
  "Hello! I'm doing well, thank you for asking. How can I help you today?",
  'Hi there! All is well here. What would you like to talk about?',
  "Hello! I'm fine, thanks. What can I do for you today?",
  "Hi! I'm well and ready to help. What is on your mind?",
  'Good to hear from you! I am doing fine. How may I help?',
];

/** First sentences of an answer. They say that the model is a simulation, so that nobody takes the rest for advice. */
export const OPENINGS: readonly [string, ...string[]] = [
  'Here is a simulated answer about {topic}.',
  'You asked about {topic}; this is what a simulated model has to say.',
  'Let us look at {topic}, as far as a simulation can.',
  'A simulated model knows little about {topic}, but an answer could look like this.',
  'Regarding {topic}: what follows is invented, and only its length and pace are real.',
];

/** The rest of an answer. */
export const SENTENCES: readonly string[] = [
  'Start with the smallest case that shows the effect, and change one thing at a time.',
  'A short example usually says more than a long definition.',
  'Most of the difficulty lies in the boundaries, not in the middle.',
  'It helps to write the expected result down before the work begins.',
  'Numbers are easier to trust when the way they were measured is next to them.',
  'There are two common approaches, and they differ mainly in who keeps the state.',
  'The first one is simple to explain and slow at scale.',
  'The second one is fast, but it asks for more care when something fails.',
  'In practice people begin with the first and move to the second once it hurts.',
  'Caching hides the cost for a while, and then it hides the cause.',
  'If the order of the steps matters, make it visible in the names.',
  'A good default answers the question that most people never ask.',
  'Consider what should happen when the network is slow rather than gone.',
  'Every limit needs a message that tells the reader when to try again.',
  'The best time to add a test is just before the fix.',
  'Old data is rarely wrong, but it is often about something else.',
  'Three independent sources that agree are worth more than one that is certain.',
  'When in doubt, prefer the choice that is easy to undo.',
  'Some of this depends on the size of the team and on the age of the code.',
  'Reading the logs from the end to the beginning saves time surprisingly often.',
  'What looks like a rare case today tends to be common after the next release.',
  'Keep the part that changes apart from the part that does not.',
  'A queue makes a burst bearable, and it makes a steady overload worse.',
  'Clear names are cheaper than comments, and comments are cheaper than meetings.',
  'The same idea works for text, for tables and for pictures.',
  'Measure first, because intuition about speed is wrong about half of the time.',
  'It is fine to leave the last question open until there is more evidence.',
  'Small steps that can be reversed beat a large one that cannot.',
  'The answer changes when several people do this at the same moment.',
  'Whatever you choose, write down why, since the reason is forgotten first.',
  'That is the short version; the details matter only in unusual situations.',
  'With that in place, the remaining work is mostly patience.',
];
