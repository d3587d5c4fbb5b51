export {
  type Bundle,
  ensureRuntime,
  probeRuntime,
  type Runtime,
  type RuntimeOptions,
  type RuntimeProbe,
} from './ensure-runtime.ts';
export { MINIMUM_NODE } from './node-version.ts';
