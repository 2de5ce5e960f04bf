/** Tokens, and what k3s and the API server encrypt with them and with keys of their own. */
@NullMarked
package cloud.lvs.backup.provider.k3s.secrets;

import org.jspecify.annotations.NullMarked;
