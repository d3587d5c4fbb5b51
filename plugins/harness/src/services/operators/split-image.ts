/** An image's name in its parts: `registry:5000/etcd:v3.6.16` has the tag `v3.6.16`. */
export interface ImageParts {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

export function splitImage(image: string): ImageParts {
  const [name = '', digest] = image.split('@');
  // A colon before the last slash belongs to the registry's port.
  const at = name.indexOf(':', name.lastIndexOf('/') + 1);
  return {
    repository: at < 0 ? name : name.slice(0, at),
    ...(at >= 0 && { tag: name.slice(at + 1) }),
    ...(digest !== undefined && { digest }),
  };
}
