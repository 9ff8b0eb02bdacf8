/**
 * By how much the product of rate and duration may miss the number of connections. Unit: ratio. Reason: Little's law is
 * exact for whole runs; streams cut at the end and rounding of the tools cost a few percent. Doubt: runs shorter than
 * ten streams per connection miss by more.
 */
export const LITTLE_RESIDUAL = 0.1;
