#include "row_options.hpp"

namespace ango::convert {

void warn_of_unknown_options(Job &job, std::string_view settings, Options &options) {
    Options of_plugin(settings, "{}");
    for (const std::string_view name : {"batch_name_column", "external_id_columns", "upload_batch_size"}) {
        options.given(name); // so that it is known
        if (of_plugin.given(name))
            job.warning("Option \"" + std::string(name) +
                        "\" has no effect in the plugin's settings: it is one of the run's.");
    }
    for (const std::string &sentence : options.unknown_names()) job.warning(sentence);
}

} // namespace ango::convert
