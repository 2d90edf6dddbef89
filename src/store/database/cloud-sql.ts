import type { ConnectorOptions } from '@google-cloud/cloud-sql-connector'
import type { Config } from '../../config.ts'
import { Refusal } from '../../errors.ts'
import type { Endpoint } from './database-pools.ts'

export type CloudSqlSettings = Pick<
  Config,
  'CLOUD_SQL_INSTANCE' | 'DB_USER' | 'DB_PASS' | 'DB_NAME' | 'NOVA_CLOUD_SQL_IP'
> &
  Partial<Pick<Config, 'NOVA_CLOUD_SQL_API'>>

/**
 * A way to a Cloud SQL instance: mutual TLS with certificates that the connector renews by itself. With
 * a password, or by IAM when there is none. `auth` replaces the credentials of the surroundings.
 * Throws Refusal CONFIG_INVALID without a user, DATABASE_UNAVAILABLE when the instance is not found.
 */
export async function connectCloudSql(
  settings: CloudSqlSettings,
  auth?: ConnectorOptions['auth'],
): Promise<{ endpoint: Endpoint; close: () => void }> {
  if (!settings.CLOUD_SQL_INSTANCE || !settings.DB_USER) {
    throw new Refusal('CONFIG_INVALID', { problem: 'CLOUD_SQL_INSTANCE needs DB_USER' })
  }
  // Loaded on demand: the connector brings Google's API client, which takes a second and 60 MB.
  const { AuthTypes, Connector, IpAddressTypes } = await import('@google-cloud/cloud-sql-connector')
  const connector = new Connector({
    ...(settings.NOVA_CLOUD_SQL_API && { sqlAdminAPIEndpoint: settings.NOVA_CLOUD_SQL_API }),
    ...(auth && { auth }),
  })
  try {
    const { stream } = await connector.getOptions({
      instanceConnectionName: settings.CLOUD_SQL_INSTANCE,
      ipType: IpAddressTypes[settings.NOVA_CLOUD_SQL_IP],
      authType: settings.DB_PASS === undefined ? AuthTypes.IAM : AuthTypes.PASSWORD,
    })
    const endpoint = {
      stream,
      user: settings.DB_USER,
      database: settings.DB_NAME,
      ...(settings.DB_PASS !== undefined && { password: settings.DB_PASS }),
    }
    return { endpoint, close: () => connector.close() }
  } catch (cause) {
    // Not closed: there is nothing to close yet, and close() of a failed connector rejects a promise
    // that nobody can handle, which ends the process.
    const hint = 'Check CLOUD_SQL_INSTANCE, NOVA_CLOUD_SQL_IP and the service account.'
    throw new Refusal('DATABASE_UNAVAILABLE', {}, { cause, hint })
  }
}
