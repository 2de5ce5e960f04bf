/** Longhorn and the API server in front of it, played for tests: start with {@link cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn}. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.controller;

import org.jspecify.annotations.NullMarked;
