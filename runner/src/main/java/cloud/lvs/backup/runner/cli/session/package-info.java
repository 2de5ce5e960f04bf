/** What the commands share: options, output, how work begins and how failures are told. */
@NullMarked
package cloud.lvs.backup.runner.cli.session;

import org.jspecify.annotations.NullMarked;
