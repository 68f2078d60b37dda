# SPDX-License-Identifier: MIT
# A picture and a tone made, filtered, encoded by four threads, muxed, read again and decoded: sums of every frame.
ffmpeg -v error -nostdin -f lavfi -i testsrc2=duration=2:size=320x240:rate=25 -f lavfi -i sine=duration=2 \
  -vf 'scale=640:480,hflip,boxblur=2' -c:v mpeg4 -threads 4 -c:a aac -bitexact -y film.mkv
ffmpeg -v error -nostdin -threads 4 -i film.mkv -map 0:v -f framemd5 -bitexact - | tail -n 20
ffmpeg -v error -nostdin -i film.mkv -map 0:a -f md5 -
