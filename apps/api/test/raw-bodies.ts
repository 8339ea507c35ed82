import { gzipSync } from 'node:zlib';

const bytes = (...values: (number | string)[]) =>
  new Uint8Array(
    Buffer.concat(values.map((value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from([value])))),
  );

/** What nobody may take for a request, whatever the rest of it says. Each is wrong in one thing. */
export const unreadableBodies: [what: string, body: string | Uint8Array<ArrayBuffer>][] = [
  ['an object that does not end', '{'],
  ['a text that does not end', '{"model":"fa'],
  ['a text that ends in a backslash', '{"model":"\\'],
  ['two objects', '{}{}'],
  ['something behind the object', '{"model":"fake"}x'],
  ['a NUL behind the object', '{"model":"fake"}\0'],
  ['a comma too many', '{"model":"fake",}'],
  ['a comma at the beginning', '{,"model":"fake"}'],
  ['no colon', '{"model" "fake"}'],
  ['two colons', '{"model"::"fake"}'],
  ['brackets that do not match', '{"model":["fake"}]'],
  ['a key without quotes', '{model:"fake"}'],
  ['single quotes', "{'model':'fake'}"],
  ['a comment', '{"model":"fake"/* x */}'],
  ['a leading zero', '{"model":"fake","n":01}'],
  ['a plus sign', '{"model":"fake","n":+1}'],
  ['a point without a digit', '{"model":"fake","n":1.}'],
  ['a hexadecimal number', '{"model":"fake","n":0x1}'],
  ['NaN', '{"model":"fake","temperature":NaN}'],
  ['Infinity', '{"model":"fake","temperature":-Infinity}'],
  ['undefined', '{"model":"fake","n":undefined}'],
  ['True', '{"model":"fake","stream":True}'],
  ['an unknown escape', '{"model":"\\x41"}'],
  ['half an escape', '{"model":"\\u00"}'],
  ['an unknown escape in a key', '{"mo\\del":"fake"}'],
  ['a raw line end in a text', '{"model":"fa\nke"}'],
  ['a raw NUL in a text', '{"model":"fake\0"}'],
  ['a byte that is not UTF-8', bytes('{"model":"fake', 0xff, '"}')],
  ['a sequence that breaks off', bytes('{"model":"fake', 0xc3, '"}')],
  ['a slash written longer than need be', bytes('{"model":"fake', 0xc0, 0xaf, '"}')],
  ['half of a surrogate pair in UTF-8', bytes('{"model":"fake', 0xed, 0xa0, 0x80, '"}')],
  ['a character beyond Unicode', bytes('{"model":"fake', 0xf4, 0x90, 0x80, 0x80, '"}')],
  ['a byte order mark', '\ufeff{"model":"fake"}'],
  ['UTF-16 with a byte order mark', new Uint8Array(Buffer.from('\ufeff{"model":"fake"}', 'utf16le'))],
  ['UTF-16 without one', new Uint8Array(Buffer.from('{"model":"fake"}', 'utf16le'))],
  ['UTF-16, the other way round', new Uint8Array(Buffer.from('{"model":"fake"}', 'utf16le').swap16())],
  ['a form', 'model=fake&messages=hi'],
  ['XML', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>'],
  ['something compressed', new Uint8Array(gzipSync('{"model":"fake"}'))],
  ['the same key twice', '{"model":"fake","model":"fake"}'],
  ['the same key twice, once escaped', '{"model":"fake","\\u006dodel":"closed"}'],
  ['the same key twice, far inside', '{"model":"fake","a":[{"b":{"c":1,"d":2,"c":3}}]}'],
  ['the same empty key twice', '{"model":"fake","":1,"":2}'],
  ['the key __proto__', '{"model":"fake","__proto__":{"model":"closed"}}'],
  ['the key __proto__, escaped', '{"model":"fake","__proto\\u005f_":{}}'],
  ['the key __proto__, far inside', '{"model":"fake","a":[[{"__proto__":null}]]}'],
  ['65 levels of arrays', `{"model":"fake","a":${'['.repeat(64)}${']'.repeat(64)}}`],
  ['65 levels of objects', `{"model":"fake","a":${'{"a":'.repeat(64)}1${'}'.repeat(64)}}`],
  ['300,000 levels', `{"model":"fake","a":${'['.repeat(300_000)}${']'.repeat(300_000)}}`],
  ['300,000 levels that are not closed', '['.repeat(300_000)],
  ['300,000 empty objects', `{"model":"fake","a":[${'{},'.repeat(300_000)}{}]}`],
];

/** What is JSON, but no object. */
export const otherJson = ['null', 'true', '0', '""', '"fake"', '[]', '[{"model":"fake"}]', '[[]]', ' \n[1] '];
