import { clusterReason } from '../cluster/cluster.ts'
import { describeClusterFaults } from './faults.ts'

describeClusterFaults('tunnel', await clusterReason())
