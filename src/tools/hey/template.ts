/**
 * hey executes any -o text other than `csv` as a Go template over its report, which yields raw latencies as full
 * doubles. Two traps of hey 0.1.4: `.Average` and its kin are NaN without a success and then empty the output, so
 * they stay out; the result goes through Printf as a format, so error texts (URLs with `%`) travel in hex.
 */
export const HEY_TEMPLATE =
  '{"numRes":{{.NumRes}},"total_s":{{.Total.Seconds}},' +
  '"errors_hex":"{{printf "%x" (jsonify .ErrorDist)}}",' +
  '"lats":{{jsonify .Lats}},"conn":{{jsonify .ConnLats}},"delay":{{jsonify .DelayLats}},' +
  '"res":{{jsonify .ResLats}},"codes":{{jsonify .StatusCodes}}}';
