# What `cmake --install` puts where. The manual page and the completion are printed by the command itself, so that they can't differ from it.

install(TARGETS ffpf_shared ffpf_static
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY lib/include/ffpf DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# Relative to itself: what is installed may be moved as a whole.
file(RELATIVE_PATH FFPF_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" FFPF_PC_PREFIX "${FFPF_PC_PREFIX}")
configure_file(cmake/ffpf.pc.in ${CMAKE_BINARY_DIR}/ffpf.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/ffpf.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET ffpf)
  install(TARGETS ffpf RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

  # generated(FILE COMMAND…): FILE in the build folder is what `ffpf COMMAND…` prints.
  function(generated file)
    add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${file}
      COMMAND sh -c "out=$1 && shift && \"$@\" >\"$out.new\" && mv \"$out.new\" \"$out\"" generate ${CMAKE_BINARY_DIR}/${file}
        $<TARGET_FILE:ffpf> ${ARGN}
      DEPENDS ffpf VERBATIM)
  endfunction()
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/man ${CMAKE_BINARY_DIR}/completion)
  generated(man/ffpf.1 man)
  generated(completion/ffpf completion bash)
  add_custom_target(manual ALL DEPENDS ${CMAKE_BINARY_DIR}/man/ffpf.1 ${CMAKE_BINARY_DIR}/completion/ffpf)

  install(FILES ${CMAKE_BINARY_DIR}/man/ffpf.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${CMAKE_BINARY_DIR}/completion/ffpf DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()
