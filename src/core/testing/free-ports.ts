export { freePorts } from '../etcd/index.ts';
