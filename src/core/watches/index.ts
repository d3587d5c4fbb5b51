// Very many watches, for those who count what each of them sees:
// - a `WatchFleet` puts watches in place on streams and connections, and brings them back after a break where they were;
//   its handler is told every event and every gap that a compaction left;
// - `EarlyArrivals` keeps events that come before the answer of their write.
export { tellRefusals } from './tell-refusals.ts';
export { EarlyArrivals } from './watch-early-arrivals.ts';
export {
  comebackMs,
  WatchFleet,
  type WatchFleetHandler,
  type WatchFleetOptions,
  type WatchTargets,
} from './watch-fleet.ts';
