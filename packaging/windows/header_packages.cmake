# Libraries that are used through their headers alone, from this machine's packages. The folder of all headers must not
# be searched when compiling for another system: it holds this one's C library. So each library's folder gets a link in
# a folder of ours.
if(NOT CMAKE_CROSSCOMPILING OR NOT WIN32)
    message(FATAL_ERROR "ANGOD_PORTABLE_ONLY is for compiling for Windows on Linux: use the preset mingw")
endif()
set(headers ${CMAKE_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${headers}/openssl)
foreach(library boost websocketpp rapidjson spdlog fmt doctest)
    if(NOT EXISTS /usr/include/${library})
        message(FATAL_ERROR "/usr/include/${library} is missing: run packaging/setup")
    endif()
    file(CREATE_LINK /usr/include/${library} ${headers}/${library} SYMBOLIC)
endforeach()

# OpenSSL's are in two folders, and say what it was built for here: enough to compile, not to link.
file(GLOB openssl_headers /usr/include/openssl/*.h /usr/include/*/openssl/*.h)
if(NOT openssl_headers)
    message(FATAL_ERROR "the headers of OpenSSL are missing: run packaging/setup")
endif()
foreach(header ${openssl_headers})
    get_filename_component(name ${header} NAME)
    file(CREATE_LINK ${header} ${headers}/openssl/${name} SYMBOLIC)
endforeach()

set(Boost_INCLUDE_DIRS ${headers})
set(RapidJSON_INCLUDE_DIRS ${headers})
foreach(library fmt::fmt spdlog::spdlog OpenSSL::Crypto OpenSSL::SSL)
    add_library(${library} INTERFACE IMPORTED)
    target_include_directories(${library} INTERFACE ${headers})
endforeach()
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
target_compile_definitions(spdlog::spdlog INTERFACE SPDLOG_HEADER_ONLY SPDLOG_FMT_EXTERNAL)
