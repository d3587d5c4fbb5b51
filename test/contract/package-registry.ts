import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PackageRegistry extends AsyncDisposable {
  readonly url: string;
}

export interface PublishedPackage {
  /** Its package.json: npm learns the dependencies from the registry, not from the tarball. */
  readonly manifest: { readonly name: string; readonly version: string };
  readonly tarball: string;
}

/** An npm registry on loopback that holds just these tarballs: what a user's npm sees once they are published. */
export async function servePackages(packages: readonly PublishedPackage[]): Promise<PackageRegistry> {
  const contents = new Map<string, Buffer>();
  for (const { manifest, tarball } of packages) contents.set(manifest.name, await readFile(tarball));
  const server = createServer((request, response) => {
    const url = `http://${request.headers.host}`;
    const path = decodeURIComponent(new URL(request.url ?? '/', url).pathname).slice(1);
    const published = packages.find(({ manifest: { name } }) => path === name || path === `${name}.tgz`);
    const content = contents.get(published?.manifest.name ?? '');
    if (published === undefined || content === undefined) return void response.writeHead(404).end('{}');
    if (path.endsWith('.tgz')) return void response.end(content);
    const { name, version } = published.manifest;
    const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
    const manifest = { ...published.manifest, dist: { tarball: `${url}/${name}.tgz`, integrity } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: manifest } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
