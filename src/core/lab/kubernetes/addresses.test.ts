import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labAddresses, MAX_NODES, SUBNETS_PER_LAB } from './addresses.ts';

const networkOf = (cidr: string) => {
  const [address = '', bits] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(address, Number(bits));
  return { address, contains: (other: string) => list.check(other) };
};

test('everything of a lab is in its 16 subnets of 198.18.0.0/15, and nothing is in two places', () => {
  const blocks = fc.integer({ min: 0, max: 512 / SUBNETS_PER_LAB - 1 });
  fc.assert(
    fc.property(blocks, fc.integer({ min: 1, max: MAX_NODES }), (block, count) => {
      const lab = labAddresses(block * SUBNETS_PER_LAB, count);
      const whole = networkOf(`${lab.subnet}.0/20`);
      const nodes = networkOf(`${lab.subnet}.0/24`);
      const services = networkOf(lab.services);
      const pods = networkOf(lab.pods);
      expect(networkOf('198.18.0.0/15').contains(lab.controlPlane)).toBe(true);
      for (const address of [lab.controlPlane, lab.apiService, ...lab.nodes.map((node) => node.address)]) {
        expect(whole.contains(address)).toBe(true);
        expect(pods.contains(address)).toBe(false);
        expect(services.contains(address)).toBe(address === lab.apiService);
        expect(nodes.contains(address)).toBe(address !== lab.apiService);
      }
      const ranges = lab.nodes.map((node) => networkOf(node.pods));
      for (const [index, range] of ranges.entries()) {
        expect(pods.contains(range.address)).toBe(true);
        expect(ranges.findIndex((other) => other.contains(range.address))).toBe(index);
      }
    }),
  );
});
