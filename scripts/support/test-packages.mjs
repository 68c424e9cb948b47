/** The Debian packages that the tests need: real servers, and tools to make trouble with. */
export const testPackages = [
  "postgresql",
  "mariadb-server",
  "strace",
  "redis-server",
  "redis-tools",
  "openssh-server",
  "openssh-client",
  "openssl",
  "sqlite3",
  "rsync",
  "e2fsprogs",
  "libfaketime",
  // For promtool, which checks metrics, alert rules and the dashboard's queries.
  "prometheus",
  "xfsprogs",
  // What moto, an S3 server, imports.
  "python3-boto3",
  "python3-cryptography",
  "python3-flask",
  "python3-flask-cors",
  "python3-jinja2",
  "python3-requests",
  "python3-responses",
  "python3-werkzeug",
  "python3-xmltodict",
  "python3-yaml",
];
