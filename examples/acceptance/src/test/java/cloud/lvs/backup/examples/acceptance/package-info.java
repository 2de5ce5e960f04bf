/** The distribution, the plugins and the documents, tried as their users have them. */
@NullMarked
package cloud.lvs.backup.examples.acceptance;

import org.jspecify.annotations.NullMarked;
