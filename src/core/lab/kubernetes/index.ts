export { createKubernetesLab, type KubernetesLabOptions } from './create-kubernetes-lab.ts';
export { KubernetesLab, type LabComponent } from './kubernetes-lab.ts';
