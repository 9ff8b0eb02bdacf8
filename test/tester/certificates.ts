import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A certificate with its key, both in PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

interface Issuer extends Certificate {
  name: string;
  privateKey: KeyObject;
}

/** An authority that signs itself, with an elliptic key; Node makes no certificates, so they are written by hand here. */
export function createAuthority(name: string): Issuer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const cert = writeCertificate({ name, privateKey }, name, privateKey, [
    extension('551d13', true, sequence(Buffer.from([0x01, 0x01, 0xff]))),
  ]);
  return { name, privateKey, key, cert };
}

/** A certificate for DNS names, or for a client where there are none. */
export function issueCertificate(issuer: Issuer, subject: string, dnsNames: string[] = []): Certificate {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = dnsNames.map((name) => tagged(0x82, Buffer.from(name)));
  const extensions = names.length === 0 ? [] : [extension('551d11', false, sequence(...names))];
  return {
    cert: writeCertificate(issuer, subject, privateKey, extensions),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

/** RFC 5280 4.1: what is signed, how, and the signature. */
function writeCertificate(
  issuer: Pick<Issuer, 'name' | 'privateKey'>,
  subject: string,
  subjectKey: KeyObject,
  extensions: Buffer[],
): string {
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const dayMs = 86_400_000;
  const signed = sequence(
    tagged(0xa0, Buffer.from([0x02, 0x01, 0x02])),
    tagged(0x02, Buffer.concat([Buffer.from([0x01]), Buffer.from(`${subject}${Date.now()}`.slice(0, 18))])),
    ecdsaWithSha256,
    distinguishedName(issuer.name),
    sequence(utcTime(Date.now() - dayMs), utcTime(Date.now() + dayMs)),
    distinguishedName(subject),
    createPublicKey(subjectKey).export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [tagged(0xa3, sequence(...extensions))]),
  );
  const signature = sign('sha256', signed, issuer.privateKey);
  const der = sequence(signed, ecdsaWithSha256, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [Buffer.from([0x01, 0x01, 0xff])] : [];
  return sequence(oid(id), ...flag, tagged(0x04, value));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

/** DER: tag, length, content. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}
