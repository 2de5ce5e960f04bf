/** The connection to a store: transport, proxies, certificates, credentials, retries, and what its refusals mean. */
@NullMarked
package cloud.lvs.backup.sink.s3.client;

import org.jspecify.annotations.NullMarked;
