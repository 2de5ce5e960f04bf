/** The controllers of Kubernetes that a restore needs: binding, protection, workloads and their pods, garbage. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.controller.kubernetes;

import org.jspecify.annotations.NullMarked;
