/** What commands print for people: reports, manifests, drills. */
@NullMarked
package cloud.lvs.backup.runner.cli.text;

import org.jspecify.annotations.NullMarked;
