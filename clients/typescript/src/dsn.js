// Connection strings: `pg` reads URLs, PostgreSQL's own tools also `host=... dbname=...`.

const NAMES = { dbname: 'database', hostaddr: 'host', application_name: 'application_name' };
const KNOWN = new Set([
  'host',
  'port',
  'user',
  'password',
  'database',
  'options',
  'application_name',
]);
const PAIR = /\s*(\w+)\s*=\s*(?:'((?:\\.|[^'\\])*)'|((?:\\.|[^\s\\])*))\s*/y;

/** Options for `pg` from a URL or from PostgreSQL's keywords and values. */
export function readDsn(dsn) {
  if (/^\w+:\/\//.test(dsn)) return { connectionString: dsn };
  const options = {};
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < dsn.length) {
    const [, keyword, quoted, bare] = PAIR.exec(dsn) ?? [];
    if (keyword === undefined) {
      throw new TypeError(
        'the DSN is neither a URL nor keywords and values, such as host=db dbname=app',
      );
    }
    const value = (quoted ?? bare).replace(/\\(.)/g, '$1');
    const name = NAMES[keyword] ?? keyword;
    if (KNOWN.has(name)) options[name] = name === 'port' ? Number(value) : value;
    else if (keyword === 'sslmode' && value !== 'disable') {
      options.ssl = { rejectUnauthorized: value.startsWith('verify') };
    }
  }
  return options;
}
