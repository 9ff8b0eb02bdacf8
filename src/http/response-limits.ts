/** How much a server may send before it counts as hostile. Every limit ends the response with a typed error. */
export interface ResponseLimits {
  /** Status line, fields and their line ends; also the limit of a trailer section. @default 65536 */
  headBytes: number;
  /** Number of header fields. @default 256 */
  headerCount: number;
  /** Interim responses (1xx) before the one that counts. @default 100 */
  interimResponses: number;
  /** A chunk-size line with its extensions. @default 4096 */
  chunkLineBytes: number;
  /** Size of one chunk in bytes. Chunks are passed on in pieces, so a large one costs no memory. @default 2^53 - 1 */
  chunkBytes: number;
}

export const DEFAULT_RESPONSE_LIMITS: ResponseLimits = {
  headBytes: 65_536,
  headerCount: 256,
  interimResponses: 100,
  chunkLineBytes: 4096,
  chunkBytes: Number.MAX_SAFE_INTEGER,
};

/** Why bytes are not an HTTP/1.1 response, or which limit they exceed. */
export type ResponseErrorKind =
  | 'bad-status-line'
  | 'bad-header'
  | 'head-too-large'
  | 'too-many-headers'
  | 'too-many-interim-responses'
  | 'bad-content-length'
  | 'conflicting-length'
  | 'unsupported-transfer-encoding'
  | 'unexpected-upgrade'
  | 'bad-chunk-size'
  | 'bad-chunk-end'
  | 'chunk-line-too-long'
  | 'chunk-too-large'
  | 'bad-trailer'
  | 'trailer-too-large';

export interface ResponseError {
  kind: ResponseErrorKind;
  /** One sentence without final full stop. */
  detail: string;
}
