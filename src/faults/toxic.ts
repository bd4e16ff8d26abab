/**
 * How a toxic of Toxiproxy is one of our faults. Attributes are whole numbers in the toxic's own units; `Params` are the
 * fault's parameters, decoded.
 */
export interface Toxic<Params> {
  /** Its type there, such as `slow_close`. */
  type: string
  /** Every attribute it has; each is 0 when nobody says. `least` is the smallest value taken, 0 if left out. */
  attributes: Readonly<Record<string, { least?: number }>>
  /** The fault's own parameters, as written, that do the same. */
  toParams (attributes: Record<string, number>): Record<string, unknown>
  /** The attributes of a fault that came from `toParams`. */
  toAttributes (params: Params): Record<string, number>
}
