/** Tests of the access to a cluster. */
package cloud.lvs.backup.provider.longhorn.cluster;
