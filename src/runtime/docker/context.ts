import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/log.ts'
import type { SupervisorSettings } from '../../model/supervisor-settings.ts'
import type { ContainerCreation, Rendezvous } from '../contract.ts'
import type { EngineClient } from './engine/client.ts'
import type { EngineInfo } from './engine/shapes.ts'
import type { SocketDirectories } from './socket-directories.ts'
import type { Images } from './images.ts'
import type { OwnUsers } from './own-users.ts'
import type { TransportChoice } from './transport-choice.ts'
import type { Watch } from './watch.ts'

/** Shared state of the runtime's parts. */
export interface DockerContext {
  readonly client: EngineClient
  readonly info: EngineInfo
  readonly rendezvous: Rendezvous
  readonly installation: string
  readonly supervisorSettings: SupervisorSettings
  readonly socketDirectories: SocketDirectories
  readonly images: Images
  readonly transports: TransportChoice
  readonly ownUsers: OwnUsers
  readonly watch: Watch
  readonly clock: Clock
  readonly log: Log
  /** Folder with the supervisor's binary. */
  readonly binary: string
  /** The same as a tar of a container's root. */
  readonly binaryArchive: () => Promise<Buffer>
  readonly creations: ContainerCreation[]
}
