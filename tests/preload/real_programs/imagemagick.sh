# SPDX-License-Identifier: MIT
# Images drawn, blurred, resized and converted; their pixels must come out the same.
export MAGICK_THREAD_LIMIT=4
convert-im6.q16 -size 640x480 gradient:red-blue -swirl 90 -blur 0x3 +noise Gaussian -seed 7 first.png
convert-im6.q16 -size 640x480 gradient:navy-gold -wave 20x80 -rotate 33 -resize 300x300! second.miff
for file in second.miff; do identify-im6.q16 -format '%m %wx%h %#\n' $file; done
convert-im6.q16 second.miff \( +clone -flip -negate \) -append -quality 85 third.jpg
convert-im6.q16 third.jpg -format '%wx%h %#\n' info:
for i in $(seq 1 10); do convert-im6.q16 second.miff -rotate $((i * 36)) +repage -colors 32 "frame$i.gif"; done
convert-im6.q16 -delay 10 frame*.gif -coalesce -layers OptimizePlus all.gif && identify-im6.q16 -format '%wx%h\n' all.gif | sort | uniq -c
identify-im6.q16 no-such.png 2>&1 | head -1 | cut -c1-30
