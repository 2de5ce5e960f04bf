/**
 * Loads a script statement by statement, goes on after those that fail, and tries these again in the ways that may work: for
 * dumps that do not load in one go.
 */
@NullMarked
package cloud.lvs.backup.provider.postgres.load;

import org.jspecify.annotations.NullMarked;
