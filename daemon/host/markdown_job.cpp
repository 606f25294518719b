#include "host/markdown_job.hpp"

namespace angod::host {

RunResult run_markdown(Job &, const ango_markdown_v1 &, ango_instance *) {
    return Failure{"This version of the plugin server cannot run plugins of this kind yet.", "", -1};
}

} // namespace angod::host
