import { render } from 'preact'
import './style/tokens.css'
import './style/base.css'
import { Shell } from './shell/Shell.tsx'
import { startNavigation } from './store/navigation.ts'
import { startTheme } from './store/theme.ts'
import { startUser } from './store/user.ts'
import { startWall } from './store/wall.ts'

startTheme()
startNavigation()
startUser()
startWall()

const app = document.getElementById('app')
if (app !== null) render(<Shell />, app)
