package all

import _ "falconmamba/backend/metal" // on macOS; elsewhere it registers nothing
