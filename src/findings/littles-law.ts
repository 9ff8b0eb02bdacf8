/**
 * By how much the product of rate and duration may miss the number of connections. Unit: ratio. Reason: Little's law is
 * exact for whole runs; rounding of the tools costs a few percent. Doubt: streams that the end of a run cuts cost up to one
 * per connection, which is allowed for where streams are finite.
 */
export const LITTLE_RESIDUAL = 0.1;
