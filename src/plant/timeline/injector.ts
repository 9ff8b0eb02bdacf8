/** How one fault comes and goes. `undo` does nothing where there is nothing to undo. */
export interface Injector {
  inject(): Promise<void> | void;
  undo(): Promise<void> | void;
}
